"""`make bench`: contctl against docker and against the bare interpreter, in turns on this machine,
and a gateway under the load of many clients, killed and not.

It asserts ratios only, never times, and removes all that it made.
"""
