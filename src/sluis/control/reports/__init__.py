"""What a log report says, in the language of its account."""
