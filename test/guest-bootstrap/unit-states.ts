/** What systemctl says of an agent that runs, and of one that has just ended and is going to be started again. */
export const RUNS = 'ActiveState=active\nSubState=running\nNRestarts=0\nExecMainStatus=0\nExecMainCode=0\nResult=success\n'
export const ENDED = 'ActiveState=activating\nSubState=auto-restart\nNRestarts=1\nExecMainStatus=1\nExecMainCode=1\nResult=exit-code\n'
