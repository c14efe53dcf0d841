"""Where things lie inside. By itself, since a fork server should load little: each session pays for its pages."""

MODULES = "/app"  # the modules that were asked for
PACKAGES = "/modules"  # the packages of those that not everybody inside may see whole
