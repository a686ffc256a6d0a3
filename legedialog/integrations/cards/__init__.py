"""The exemption card register (frikortregisteret), in the messages that NAV defines. See docs/integrator.md."""
