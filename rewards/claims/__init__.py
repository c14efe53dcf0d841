"""What a reply claims beside its facts: that something is done or is not, where, when and by whom."""
