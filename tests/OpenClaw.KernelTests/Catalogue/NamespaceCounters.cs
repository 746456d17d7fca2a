using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>Counters of a namespace as iproute2 reads them.</summary>
static class NamespaceCounters
{
    /// <summary>All counters of nstat since the namespace was created, zeros included.</summary>
    public static Dictionary<string, double> Nstat(this PrivateNamespace netns) =>
        netns
            .Command(InstalledProgram.Find("nstat"), "-asz")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => line[0] != '#')
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(
                static words => words[0],
                static words => double.Parse(words[1], CultureInfo.InvariantCulture)
            );
}
