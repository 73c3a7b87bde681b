"""An engine that contctl does not come with, and what it takes to add one."""
