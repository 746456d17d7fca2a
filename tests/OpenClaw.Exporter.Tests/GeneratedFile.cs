namespace OpenClaw.Exporter.Tests;

/// <summary>Committed text that the code renders, so that each fact is written down once.</summary>
static class GeneratedFile
{
    const string Update = "OPENCLAW_UPDATE_GENERATED";

    /// <summary>Fails when the committed file differs; writes it instead when asked to by the environment.</summary>
    public static void AssertCurrent(string path, string rendered)
    {
        var file = Repository.PathOf(path);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, rendered);
            return;
        }

        var committed = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(committed == rendered, $"{path} is not what the code renders; run the tests with {Update}=1 and commit it. Rendered:\n{rendered}");
    }
}
