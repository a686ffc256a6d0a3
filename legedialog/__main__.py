from legedialog.operations.cli import main

main()
