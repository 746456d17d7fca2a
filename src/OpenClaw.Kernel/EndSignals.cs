using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel;

/// <summary>The signals that end the program: SIGINT, SIGQUIT and SIGTERM.</summary>
public static class EndSignals
{
    /// <summary>
    /// Handles them without a new thread. The runtime's own handler starts one for each signal. It aborts the process
    /// where none can be started, as in a full pids cgroup (OnPosixSignal in PosixSignalRegistration.Unix.cs).
    /// </summary>
    /// <param name="end">Begins the end and returns. It runs on the runtime's thread for signals.</param>
    public static void Handle(Action end) => SystemNative.SetEnd(end);
}
