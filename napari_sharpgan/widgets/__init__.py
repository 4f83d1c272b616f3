"""The docks of the plugin: forms, runs and ways to show results; all else lies below and knows no Qt."""
