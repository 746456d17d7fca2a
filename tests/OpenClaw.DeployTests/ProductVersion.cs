using System.Xml.Linq;

namespace OpenClaw.DeployTests;

/// <summary>The version that every shipped file must name.</summary>
static class ProductVersion
{
    /// <summary>The version in Directory.Build.props.</summary>
    public static string Value { get; } =
        XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;
}
