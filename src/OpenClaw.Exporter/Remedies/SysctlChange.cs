namespace OpenClaw.Exporter.Remedies;

/// <summary>A new value of a sysctl.</summary>
/// <param name="Key">The name with dots.</param>
/// <param name="New">The new value.</param>
/// <param name="Scope">The scope of the sysctl: each network namespace's, or the machine's.</param>
sealed record SysctlChange(string Key, string New, ChangeScope Scope = ChangeScope.Namespace) : Change(Scope)
{
    /// <summary>The file that makes it permanent.</summary>
    public const string PersistenceFile = "/etc/sysctl.d/90-openclaw.conf";

    /// <summary>The present value, which an undo restores; null when it is unknown.</summary>
    public string? Old { get; init; }

    /// <inheritdoc/>
    public override string Target => Key;

    /// <inheritdoc/>
    public override string? Before => Old;

    /// <inheritdoc/>
    public override string After => New;

    /// <inheritdoc/>
    public override SysctlChange? Inverse => Old is null ? null : this with { New = Old, Old = New };

    /// <summary>The key and value as the command takes them.</summary>
    public string Setting =>
        New.Length == 0 || New.Contains(' ', StringComparison.Ordinal) ? $"{Key}=\"{New}\"" : $"{Key}={New}";

    /// <inheritdoc/>
    public override string Command => $"sysctl -w {Setting}";

    /// <inheritdoc/>
    public override string Line => $"{Key} = {New}";

    /// <inheritdoc/>
    public override string File => PersistenceFile;
}
