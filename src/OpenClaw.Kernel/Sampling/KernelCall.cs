using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Sampling;

/// <summary>Kinds of calls. The meaning of an error depends on the kind.</summary>
public enum KernelCall
{
    /// <summary>
    /// A file of the machine or of a namespace. If it is missing, the kernel does not have the feature.
    /// </summary>
    File,

    /// <summary>A file of one process or namespace. If it is missing, the process or namespace has ended.</summary>
    ProcessFile,

    /// <summary>A call of socket() for a family or protocol, or a request over that socket.</summary>
    Netlink,
}

/// <summary>The table of errors for each kind of call.</summary>
static class KernelCallErrors
{
    /// <summary>Returns the meaning of an error of such a call for the requested value.</summary>
    public static Absence Means(this KernelCall call, int error) =>
        (call, error) switch
        {
            (_, Errno.EPERM or Errno.EACCES) => Absence.NotPermitted,
            (_, Errno.EINTR or Errno.ENOBUFS) => Absence.Interrupted,
            (_, Errno.EAGAIN) => Absence.TimedOut,
            (_, Errno.ESRCH) => Absence.Gone,
            (KernelCall.ProcessFile, Errno.ENOENT or Errno.ENOTDIR) => Absence.Gone,
            (KernelCall.File, Errno.ENOENT or Errno.ENOTDIR) => Absence.NotPresent,
            (
                KernelCall.Netlink,
                Errno.ENOENT
                    or Errno.ENOSYS
                    or Errno.EAFNOSUPPORT
                    or Errno.EPROTONOSUPPORT
                    or Errno.EOPNOTSUPP
            ) => Absence.NotPresent,
            _ => Absence.Failed,
        };
}
