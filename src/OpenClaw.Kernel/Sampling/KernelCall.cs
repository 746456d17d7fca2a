using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Sampling;

/// <summary>Kinds of calls by what their errors mean.</summary>
public enum KernelCall
{
    /// <summary>
    /// A file of the machine or of a namespace: one that is not there is something the kernel does not have.
    /// </summary>
    File,

    /// <summary>A file of one process or namespace: one that is not there any more has ended.</summary>
    ProcessFile,

    /// <summary>socket() of a family or protocol, or a request over it.</summary>
    Netlink,
}

/// <summary>The table of errors for each kind of call.</summary>
static class KernelCallErrors
{
    /// <summary>What an error of such a call says of the value that was asked for.</summary>
    public static Absence Means(this KernelCall call, int error) =>
        (call, error) switch
        {
            (_, Errno.EPERM or Errno.EACCES) => Absence.NotPermitted,
            (_, Errno.EINTR or Errno.ENOBUFS) => Absence.Interrupted,
            (_, Errno.EAGAIN) => Absence.TimedOut,
            (_, Errno.ESRCH) => Absence.Gone,
            (KernelCall.ProcessFile, Errno.ENOENT or Errno.ENOTDIR) => Absence.Gone,
            (KernelCall.File, Errno.ENOENT or Errno.ENOTDIR) => Absence.NotPresent,
            (KernelCall.Netlink, Errno.ENOENT or Errno.EAFNOSUPPORT or Errno.EPROTONOSUPPORT or Errno.EOPNOTSUPP) =>
                Absence.NotPresent,
            _ => Absence.Failed,
        };
}
