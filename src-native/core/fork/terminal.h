// Node puts the terminal back to what it was at the program's start when it exits. A forked child that exits
// must not do that to the terminal its parent has made raw.
#pragma once

namespace prong::fork {

// In the child, where one of its standard descriptors is a terminal.
void LeaveTerminalAlone();

}  // namespace prong::fork
