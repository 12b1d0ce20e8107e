"""A store of S3 for tests: puts the files of a folder into the bucket `captures`, says where it listens, and ends with its
standard input.

    store.py FOLDER [ENVIRONMENT]

ENVIRONMENT is the folder of a Python environment, into which pip installs moto where this Python does not have it.
"""

import subprocess
import sys
from pathlib import Path

NEEDED = "moto[server]==5.2.1"


def serve(folder):
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", aws_access_key_id="me",
        aws_secret_access_key="secret")
    client.create_bucket(Bucket="captures")
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            client.put_object(Bucket="captures", Key=str(path.relative_to(folder)), Body=path.read_bytes())
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.read()
    server.stop()


def main():
    folder, *environment = map(Path, sys.argv[1:])
    try:
        import moto.server  # noqa: F401
    except ImportError:
        if not environment:
            sys.exit("moto is missing")
        python = environment[0] / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", environment[0]], check=True, capture_output=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", NEEDED], check=True, capture_output=True)
        sys.exit(subprocess.run([python, __file__, folder]).returncode)
    serve(folder)


if __name__ == "__main__":
    main()
