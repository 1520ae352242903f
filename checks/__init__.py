"""One module a check; the registry imports every module here whose name has no leading underscore."""
