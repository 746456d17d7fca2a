using System.Globalization;

namespace OpenClaw.Kernel.Interop;

/// <summary>
/// The error numbers of errno.h that this library distinguishes. They are the same on every architecture that .NET
/// supports.
/// </summary>
static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int EPIPE = 32;
    public const int ENOSYS = 38;
    public const int EPROTONOSUPPORT = 93;
    public const int EOPNOTSUPP = 95;
    public const int EAFNOSUPPORT = 97;
    public const int EADDRINUSE = 98;
    public const int EADDRNOTAVAIL = 99;
    public const int ENETUNREACH = 101;
    public const int ENOBUFS = 105;
    public const int ETIMEDOUT = 110;
    public const int ECONNREFUSED = 111;
    public const int EHOSTUNREACH = 113;
    public const int EINPROGRESS = 115;

    /// <summary>
    /// Returns the name of an error in errno.h, or the number of an error that this library does not distinguish.
    /// </summary>
    public static string NameOf(int error) =>
        error switch
        {
            EPERM => nameof(EPERM),
            EINTR => nameof(EINTR),
            EAGAIN => nameof(EAGAIN),
            ENOMEM => nameof(ENOMEM),
            EACCES => nameof(EACCES),
            EINVAL => nameof(EINVAL),
            ENFILE => nameof(ENFILE),
            EMFILE => nameof(EMFILE),
            ENOSPC => nameof(ENOSPC),
            EPROTONOSUPPORT => nameof(EPROTONOSUPPORT),
            EAFNOSUPPORT => nameof(EAFNOSUPPORT),
            EADDRINUSE => nameof(EADDRINUSE),
            EADDRNOTAVAIL => nameof(EADDRNOTAVAIL),
            ENETUNREACH => nameof(ENETUNREACH),
            ENOBUFS => nameof(ENOBUFS),
            ETIMEDOUT => nameof(ETIMEDOUT),
            ECONNREFUSED => nameof(ECONNREFUSED),
            EHOSTUNREACH => nameof(EHOSTUNREACH),
            EINPROGRESS => nameof(EINPROGRESS),
            _ => error.ToString(CultureInfo.InvariantCulture),
        };
}
