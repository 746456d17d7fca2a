namespace OpenClaw.Kernel.Procfs;

/// <summary>/proc/PID/limits: the row of RLIMIT_NOFILE.</summary>
/// <param name="OpenFilesSoft">The soft limit, which open() is held to; null when unlimited.</param>
public sealed record ProcessLimits(long? OpenFilesSoft)
{
    /// <summary>Parses the table; the row is found by its name, never by its position.</summary>
    public static Reading<ProcessLimits> Parse(ReadOnlySpan<byte> text)
    {
        var key = "Max open files "u8;
        var line = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            line++;
            var row = text[range];
            if (!row.StartsWith(key))
                continue;
            var value = row[key.Length..].TrimStart((byte)' ');
            if (value.StartsWith("unlimited"u8))
                return new ProcessLimits((long?)null);
            var end = value.IndexOf((byte)' ');
            return end > 0 && KernelText.ParseInteger(value[..end]).TryGet(out var soft)
                ? new ProcessLimits(soft)
                : KernelText.Malformed(line, "a number or 'unlimited' after 'Max open files'", row);
        }

        return KernelText.Malformed(line, "a row 'Max open files'", text);
    }
}
