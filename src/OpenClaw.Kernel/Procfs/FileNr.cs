namespace OpenClaw.Kernel.Procfs;

/// <summary>/proc/sys/fs/file-nr: open file descriptions of the whole machine.</summary>
/// <param name="Allocated">Allocated file descriptions.</param>
/// <param name="Maximum">fs.file-max; LONG_MAX, which systemd sets since 240, is no limit.</param>
public sealed record FileNr(long Allocated, long Maximum)
{
    internal const string File = "sys/fs/file-nr";

    /// <summary>Parses "allocated free maximum"; the second number has been 0 since Linux 2.6.</summary>
    public static Reading<FileNr> Parse(ReadOnlySpan<byte> text)
    {
        var rest = text;
        if (!KernelText.TryTakeInteger(ref rest, out var allocated)
            || !KernelText.TryTakeInteger(ref rest, out _)
            || !KernelText.TryTakeInteger(ref rest, out var maximum)
            || !rest.IsEmpty)
        {
            return KernelText.Malformed(1, "three integers", text);
        }

        return new FileNr(allocated, maximum);
    }
}
