"""A domain signal for the traps; in a module called `signals` it would be part of the product."""

from signalflow import DomainSignal

flashed = DomainSignal("A mirror flashed, and says what.", what=str)
