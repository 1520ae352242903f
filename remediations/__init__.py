"""One module a remediation; the registry imports every module here whose name has no leading underscore."""
