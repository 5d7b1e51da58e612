"""``python -m webpanel``"""

from webpanel.cli import main

if __name__ == "__main__":
    main()
