namespace OpenClaw.KernelTests;

/// <summary>What a test needs of the machine; without it the test is skipped by name, with the reason.</summary>
static class Requirement
{
    /// <summary>A program on the PATH, or where Debian keeps those of root.</summary>
    public static void Program(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin");
        Assert.SkipUnless(folders.Any(folder => File.Exists(Path.Combine(folder, name))), $"needs the program {name} (tests/run installs it)");
    }
}
