"""Forms that met the sign-in page or a refused token: nothing that was typed is lost.

The browser that sent them gets them back in a signed field of the page it sees next; the site
keeps nothing.  They go on to where they were sent only when the person who typed them presses
a button once more.
"""
