using System.Xml.Linq;

namespace OpenClaw.DeployTests;

/// <summary>The version that everything shipped must name.</summary>
static class ProductVersion
{
    /// <summary>As Directory.Build.props has it.</summary>
    public static string Value { get; } =
        XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;
}
