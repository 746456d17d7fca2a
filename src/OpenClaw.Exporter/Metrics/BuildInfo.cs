using System.Reflection;
using System.Runtime.InteropServices;

namespace OpenClaw.Exporter.Metrics;

/// <summary>The version and revision of this build, from the assembly itself.</summary>
static class BuildInfo
{
    // "1.2.3+revision", as the SDK writes it in a git checkout.
    static readonly string[] Parts = (
        typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown"
    ).Split('+', 2);

    public static string Version => Parts[0];

    public static string Revision => Parts.ElementAtOrDefault(1) ?? "unknown";

    public static string Runtime => RuntimeInformation.FrameworkDescription;
}
