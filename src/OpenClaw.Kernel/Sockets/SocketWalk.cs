using System.Runtime.InteropServices;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// Runs a program in the kernel over all sockets of a network namespace: that of the thread that begins it. So one
/// program serves all namespaces. They share the maps, so only one walk runs at a time.
/// </summary>
/// <param name="name">The name of the program in messages.</param>
/// <param name="pass">Runs the program over the sockets. Returns the failure; null when all were passed.</param>
/// <param name="shared">The map with the value that the whole walk shares.</param>
/// <param name="length">The length of that value.</param>
/// <param name="fullAt">The offset of the number of sockets that found a map full.</param>
/// <param name="limits">The limits of the maps, in words.</param>
sealed class SocketWalk(
    string name,
    Func<Deadline, Missing?> pass,
    BpfMap shared,
    int length,
    int fullAt,
    string limits
)
{
    /// <summary>The limit on passes, where sockets come and go while they are passed.</summary>
    const int PassesAtMost = 3;

    readonly Lock _oneAtATime = new();
    readonly byte[] _value = new byte[length];

    /// <summary>True where the maps may have elements of a walk that failed.</summary>
    bool _hasLeftovers;

    /// <summary>Walks. Returns the failure; null when all sockets were walked.</summary>
    /// <param name="fill">Fills the value that the whole walk shares, which is all 0.</param>
    /// <param name="take">Takes that value and empties the maps: true to take their elements, false to forget
    /// them.</param>
    /// <param name="deadline">The deadline.</param>
    public Missing? Run(Action<byte[]> fill, Func<byte[], bool, Missing?> take, Deadline deadline)
    {
        if (!_oneAtATime.TryEnter(deadline.Remaining))
            return new(Absence.TimedOut, $"{name}: deadline passed while another namespace was walked");
        try
        {
            Array.Clear(_value);
            fill(_value);
            var failure = Pass(take, deadline) ?? shared.Read(_value);
            if (failure is not null)
                return failure;
            if (MemoryMarshal.Read<ulong>(_value.AsSpan(fullAt)) > 0)
                return new(Absence.Interrupted, $"{name}: more than {limits}");
            failure = take(_value, true);
            _hasLeftovers = failure is not null;
            return failure;
        }
        finally
        {
            _oneAtATime.Exit();
        }
    }

    Missing? Pass(Func<byte[], bool, Missing?> take, Deadline deadline)
    {
        for (var passes = 1; ; passes++)
        {
            if (_hasLeftovers && take(_value, false) is { } left)
                return left;
            _hasLeftovers = true;
            var failure = shared.Write(_value) ?? pass(deadline);
            if (failure is not { Reason: Absence.Interrupted } || passes == PassesAtMost)
                return failure;
        }
    }
}
