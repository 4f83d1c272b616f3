"""What is scored against what, and the tables that come of it: masks or images, two or folders of them.

`pairs` finds and reads what belongs together, `score` scores a pair, `folders` one pair after another, and
`table` has the rows that the command and the dock write. Only `pairs` loads without torch.
"""
