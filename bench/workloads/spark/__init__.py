"""Points that Spark reads where they lie, in files that only a cluster sees or that are best read by many.

    source.py    Source: the harness's side; from a URI to the rows of shards, in the files' order
    process.py   the process that holds the Spark session: started, talked to, ended
    job.py       that process: list the files, count their rows, have tasks write the shards
    listing.py   the files of a URI, and what their footers say
    shards.py    what a task does: rows of Arrow batches into a file that is nothing but numbers

Tasks write into a directory that all hosts see, and the harness reads what they wrote; what passes between
them through Spark are names, numbers of rows, hashes and refusals. No row goes through the driver's heap.
"""
