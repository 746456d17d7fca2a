using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The limits that the configuration file of an OpenClaw service sets.</summary>
/// <param name="Service">Its <c>name</c>, or that of the file without ".yml".</param>
/// <param name="MaxConnections"><c>network.max_connections</c>; null when it is not set or no limit (0, -1).</param>
/// <param name="MaxOpenFiles"><c>max-open-files</c>; null likewise.</param>
sealed record ServiceLimits(string Service, long? MaxConnections, long? MaxOpenFiles)
{
    /// <summary>
    /// Where <see cref="MaxConnections"/> is written; null where another number in its place could mean something else.
    /// </summary>
    public SettingText? MaxConnectionsText { get; init; }
}

/// <summary>A key with a plain number, as it stands in a file.</summary>
/// <param name="File">The path of the file itself, where the one that was read is a link to it.</param>
/// <param name="Line">Its line, from 1 on.</param>
/// <param name="Text">Key and number with what is between them; that line has this text nowhere before.</param>
sealed record SettingText(string File, long Line, string Text);

/// <summary>The configuration files of OpenClaw.</summary>
/// <param name="Services">Those that could be read.</param>
/// <param name="Failure">What is wrong with the first that could not; null when nothing is.</param>
sealed record ServiceConfiguration(ImmutableArray<ServiceLimits> Services, Missing? Failure);
