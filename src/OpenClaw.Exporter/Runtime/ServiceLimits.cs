using System.Collections.Immutable;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Runtime;

/// <summary>The limits that the configuration file of an OpenClaw service sets.</summary>
/// <param name="Service">Its <c>name</c>, or that of the file without ".yml".</param>
/// <param name="MaxConnections"><c>network.max_connections</c>; null when it is not set or no limit (0, -1).</param>
/// <param name="MaxOpenFiles"><c>max-open-files</c>; null likewise.</param>
sealed record ServiceLimits(string Service, long? MaxConnections, long? MaxOpenFiles);

/// <summary>The configuration files of OpenClaw.</summary>
/// <param name="Services">Those that could be read.</param>
/// <param name="Failure">What is wrong with the first that could not; null when nothing is.</param>
sealed record ServiceConfiguration(ImmutableArray<ServiceLimits> Services, Missing? Failure);
