namespace OpenClaw.Kernel.Processes;

/// <summary>
/// The identity of a process: its id, and the inode of its directory in procfs. An id that is given out again has
/// another inode; exec() changes neither. When the kernel drops the directory from its cache the inode changes too, and
/// the process only looks new.
/// </summary>
/// <param name="Pid">The process id in the namespace of the mount.</param>
/// <param name="Inode">The inode that the listing of the mount gives its directory.</param>
public readonly record struct ProcessIdentity(int Pid, ulong Inode);
