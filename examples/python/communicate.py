import shutil
import subprocess

programs = [
    ('nslookup', b'set q=mx\npython.org\nexit\n'),
    ('bc', b'obase=2\n2^10\nquit\n'),
    ('sh', b'x=6\necho $((x * 7))\nexit\n'),
]
name, text = next((name, text) for name, text in programs if shutil.which(name))
p = subprocess.Popen([name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
std_out, std_err = p.communicate(text)
print(std_out.decode('utf-8'))
print('Error:', std_err.decode('utf-8'))
print('Exit code:', p.returncode)
print('error code:', p.wait())
