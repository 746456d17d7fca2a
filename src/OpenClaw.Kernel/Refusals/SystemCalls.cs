using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Refusals;

/// <summary>A system call that takes a limited resource.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">Its number on this machine; -1 where the machine has none.</param>
sealed record SystemCall(string Name, int Number)
{
    /// <summary>
    /// True for a call that fails with EAGAIN where a resource is exhausted, and not while it waits. connect() waits
    /// with EINPROGRESS. EAGAIN is UDP without a free port (inet_autobind), or a Unix listener with a full queue.
    /// </summary>
    public bool RefusesWithAgain => Name is "clone" or "clone3" or "fork" or "vfork" or "connect";

    /// <summary>True for a call with an address as its second argument.</summary>
    public bool HasAddress => Name is "bind" or "connect";
}

/// <summary>The system calls that are traced, for x86-64 and arm64.</summary>
static class SystemCalls
{
    static readonly bool IsX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>
    /// The calls. The numbers are in arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
    /// </summary>
    public static ImmutableArray<SystemCall> All { get; } =
    [
        Call("socket", 41, 198),
        Call("connect", 42, 203),
        Call("bind", 49, 200),
        Call("listen", 50, 201),
        Call("accept", 43, 202),
        Call("accept4", 288, 242),
        Call("socketpair", 53, 199),
        Call("open", 2, -1),
        Call("openat", 257, 56),
        Call("openat2", 437, 437),
        Call("creat", 85, -1),
        Call("dup", 32, 23),
        Call("pipe", 22, -1),
        Call("pipe2", 293, 59),
        Call("eventfd2", 290, 19),
        Call("timerfd_create", 283, 85),
        Call("epoll_create", 213, -1),
        Call("epoll_create1", 291, 20),
        Call("inotify_init", 253, -1),
        Call("inotify_init1", 294, 26),
        Call("inotify_add_watch", 254, 27),
        Call("fork", 57, -1),
        Call("vfork", 58, -1),
        Call("clone", 56, 220),
        Call("clone3", 435, 435),
    ];

    /// <summary>Returns the name of a call; its number where it is not traced.</summary>
    public static string NameOf(int number)
    {
        foreach (var call in All)
        {
            if (call.Number == number)
                return call.Name;
        }

        return $"system call {number}";
    }

    static SystemCall Call(string name, int x64, int arm64) => new(name, IsX64 ? x64 : arm64);
}

/// <summary>The places of a call's number and arguments in struct pt_regs.</summary>
static class CallRegisters
{
    static readonly bool IsX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>orig_rax on x86-64, syscallno on arm64.</summary>
    public static int Number => IsX64 ? 120 : 280;

    /// <summary>The second argument: rsi on x86-64, x1 on arm64.</summary>
    public static int Second => IsX64 ? 104 : 8;
}
