using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>pal_signal.h of the .NET runtime (src/native/libs/System.Native)</summary>
static unsafe partial class SystemNative
{
    static Action? s_end;

    // void SystemNative_SetPosixSignalHandler(PosixSignalHandler signalHandler);
    [LibraryImport("libSystem.Native", EntryPoint = "SystemNative_SetPosixSignalHandler")]
    private static partial void SetPosixSignalHandler(delegate* unmanaged<int, int, int> signalHandler);

    /// <summary>Replaces the runtime's own handler, for those signals that the program has registered.</summary>
    public static void SetEnd(Action end)
    {
        s_end = end;
        SetPosixSignalHandler(&Handle);
    }

    /// <summary>
    /// Runs on the runtime's thread for signals. Returns 1 where the signal is handled, and 0 for its default action.
    /// </summary>
    [UnmanagedCallersOnly]
    static int Handle(int signalCode, int signal)
    {
        if (signalCode is not (Signal.SIGINT or Signal.SIGQUIT or Signal.SIGTERM))
            return 0;
        try
        {
            s_end?.Invoke();
        }
#pragma warning disable CA1031 // An exception cannot pass into native code.
        catch (Exception)
#pragma warning restore CA1031
        {
            return 0;
        }

        return 1;
    }
}
