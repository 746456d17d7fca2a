using System.Runtime.InteropServices;

namespace OpenClaw.KernelTests;

/// <summary>A seccomp filter that refuses socket() of one family, or of one protocol of it.</summary>
static unsafe partial class ForbiddenSockets
{
    public const uint AF_INET6 = 10;
    public const uint AF_NETLINK = 16;
    public const uint NETLINK_ROUTE = 0;
    public const uint NETLINK_SOCK_DIAG = 4;

    const int PR_SET_SECCOMP = 22;
    const int SECCOMP_MODE_FILTER = 2;
    const uint SECCOMP_RET_ALLOW = 0x7fff0000;
    const uint SECCOMP_RET_ERRNO = 0x00050000;
    const ushort LoadWord = 0x20;
    const ushort JumpIfEqual = 0x15;
    const ushort JumpIfAtLeast = 0x35;
    const ushort Return = 0x06;

    /// <summary>Applies to every process that is started in the namespace from now on.</summary>
    /// <param name="netns">The namespace.</param>
    /// <param name="family">The family.</param>
    /// <param name="errno">The error of the call.</param>
    /// <param name="protocol">The protocol; null for all of the family.</param>
    public static void In(PrivateNamespace netns, uint family, int errno, uint? protocol = null) =>
        netns.Run(() =>
        {
            var socketCall = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 41u : 198u;
            sock_filter* filter = stackalloc sock_filter[]
            {
                new(LoadWord, 0, 0, 0), // seccomp_data.nr
                new(JumpIfEqual, 0, 5, socketCall),
                new(LoadWord, 0, 0, 16), // seccomp_data.args[0]
                new(JumpIfEqual, 0, 3, family),
                new(LoadWord, 0, 0, 32), // seccomp_data.args[2]
                new(protocol is null ? JumpIfAtLeast : JumpIfEqual, 0, 1, protocol ?? 0),
                new(Return, 0, 0, SECCOMP_RET_ERRNO | (uint)errno),
                new(Return, 0, 0, SECCOMP_RET_ALLOW),
            };
            var program = new sock_fprog { len = 8, filter = filter };
            Assert.True(
                prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (nuint)(&program), 0, 0) == 0,
                Marshal.GetLastPInvokeErrorMessage()
            );
        });

    // int prctl(int option, unsigned long arg2, unsigned long arg3, unsigned long arg4, unsigned long arg5);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    // linux/filter.h
    readonly record struct sock_filter(ushort code, byte jt, byte jf, uint k);

    struct sock_fprog
    {
        public ushort len;
        public sock_filter* filter;
    }
}
