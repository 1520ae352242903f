"""The report of a period as people read it: each module turns parts of shape.Report into parts of a page. Pure."""
