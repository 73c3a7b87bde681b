"""What a shell is answered that asks how a command line may go on."""
