"""Moving sites in and out.  Everything goes through the doors of the apps below."""
