using System.Buffers.Text;
using System.Globalization;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>The process that started another one, as /proc/PID/stat shows it.</summary>
public static class ProcessParent
{
    const int ParentField = 4;

    /// <summary>Reads the parent of a process; 0 for one that the kernel started.</summary>
    public static Reading<int> Read(ProcMount proc, int pid) =>
        proc.Read(string.Create(CultureInfo.InvariantCulture, $"{pid}/stat"), Parse);

    /// <summary>Parses /proc/PID/stat.</summary>
    public static Reading<int> Parse(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(ProcessStat.Field(text, ParentField), out int parent, out _) && parent >= 0
            ? parent
            : KernelText.Malformed(1, "a process id as field 4", text);
}
