using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel;

/// <summary>A descriptor that whoever started this process left open for it.</summary>
public static class InheritedDescriptor
{
    /// <summary>Keeps it from the processes that this one starts (fcntl(2), F_SETFD); whether it is open at all.</summary>
    public static bool CloseOnExec(int descriptor) => Fcntl.fcntl(descriptor, Fcntl.F_SETFD, Fcntl.FD_CLOEXEC) == 0;
}
