using System.Buffers.Text;
using System.Globalization;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>A process that holds a resource.</summary>
/// <param name="Pid">The process id in the namespace of the procfs.</param>
/// <param name="Name">The name from its command line; see <see cref="ProcessName.NameWithScript"/>.</param>
/// <param name="Owner">The owner, from its cgroups.</param>
public sealed record HoldingProcess(int Pid, string Name, ProcessOwner Owner)
{
    /// <summary>The process id as the process itself sees it; differs from <see cref="Pid"/> in a container.</summary>
    public int InnerPid { get; init; } = Pid;

    /// <summary>
    /// The inode of its directory in procfs, which a later process with the same id does not have; 0 when unknown.
    /// </summary>
    internal ulong Inode { get; init; }

    /// <summary>
    /// The state as /proc/PID/stat shows it: R running, S sleeping, D waiting for a device, T or t stopped; a space
    /// where it is unknown.
    /// </summary>
    public char State { get; init; } = ' ';

    /// <summary>Reads a process. Parts that cannot be read are left out.</summary>
    internal static HoldingProcess Read(ProcMount proc, int pid)
    {
        var folder = pid.ToString(CultureInfo.InvariantCulture);
        return new(
            pid,
            ProcessName.Read(proc, pid).TryGet(out var name) ? name.NameWithScript : "",
            proc.Read($"{folder}/cgroup", ProcessOwner.Parse).TryGet(out var owner) ? owner : ProcessOwner.None
        )
        {
            InnerPid = proc.Read($"{folder}/status", ParseInnerPid).TryGet(out var inner) ? inner : pid,
            State = proc.Read<char>($"{folder}/stat", static text => StateOf(text)).TryGet(out var state) ? state : ' ',
        };
    }

    static char StateOf(ReadOnlySpan<byte> stat) => ProcessStat.Field(stat, 3) is [var state, ..] ? (char)state : ' ';

    /// <summary>
    /// Parses the last number of the line NSpid: the id in the innermost pid namespace. Kernels before 4.1 lack it.
    /// </summary>
    static Reading<int> ParseInnerPid(ReadOnlySpan<byte> status)
    {
        foreach (var range in status.Split((byte)'\n'))
        {
            var line = status[range];
            if (!line.StartsWith("NSpid:"u8))
                continue;
            var last = line[(line.LastIndexOf((byte)'\t') + 1)..];
            return Utf8Parser.TryParse(last, out int pid, out var digits) && digits == last.Length && pid > 0
                ? pid
                : KernelText.Malformed(1, "process ids after NSpid:", line);
        }

        return new Missing(Absence.NotPresent, "no line NSpid:");
    }
}
