import subprocess

code = subprocess.call('ls')  # 执行外部命令的输出
print('Exit code:', code)  # 返回值,0:成功
