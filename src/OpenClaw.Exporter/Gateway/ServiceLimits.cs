using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The limits in the configuration file of an OpenClaw service.</summary>
/// <param name="Service">The <c>name</c> in the file, or the name of the file without ".yml".</param>
/// <param name="MaxConnections"><c>network.max_connections</c>; null when it is not set or means no limit (0,
/// -1).</param>
/// <param name="MaxOpenFiles"><c>max-open-files</c>; null likewise.</param>
sealed record ServiceLimits(string Service, long? MaxConnections, long? MaxOpenFiles)
{
    /// <summary>
    /// The place of <see cref="MaxConnections"/> in the file; null where another number there could have another
    /// meaning.
    /// </summary>
    public SettingText? MaxConnectionsText { get; init; }
}

/// <summary>A key with a plain number, in the text of a file.</summary>
/// <param name="File">The path of the file itself, where a link led to it.</param>
/// <param name="Line">The number of the line, from 1.</param>
/// <param name="Text">The key, the number and the text between them. It is the first occurrence in that line.</param>
sealed record SettingText(string File, long Line, string Text);

/// <summary>The configuration files of OpenClaw.</summary>
/// <param name="Services">The limits of the readable files.</param>
/// <param name="Failure">The fault of the first unreadable file; null when all are readable.</param>
sealed record ServiceConfiguration(ImmutableArray<ServiceLimits> Services, Missing? Failure);
