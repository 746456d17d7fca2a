namespace OpenClaw.DeployTests;

/// <summary>
/// A build takes no package with a known vulnerability, and in CI none but those of the lock file. Each test restores a
/// project that has the build settings of the repository.
/// </summary>
public class PackageTests
{
    [Fact]
    public async Task A_known_vulnerability_of_any_severity_is_an_error()
    {
        await using var feed = await PackageFeed.StartAsync();
        using var folder = new TemporaryFolder();

        var (exit, output) = await RestoreAsync(folder, feed, PackageFeed.Vulnerable);

        Assert.NotEqual(0, exit);
        Assert.Contains("error NU1901", output, StringComparison.Ordinal);
        Assert.Contains(PackageFeed.Package, output, StringComparison.Ordinal);
        (exit, output) = await RestoreAsync(folder, feed, PackageFeed.Mended);
        Assert.True(exit == 0, output);
    }

    [Fact]
    public async Task In_CI_a_package_that_the_lock_file_does_not_have_is_an_error()
    {
        await using var feed = await PackageFeed.StartAsync();
        using var folder = new TemporaryFolder();
        var (exit, output) = await RestoreAsync(folder, feed, PackageFeed.Mended);
        Assert.True(exit == 0, output);
        var locked = File.ReadAllText(folder.PathOf("packages.lock.json"));
        (exit, output) = await RestoreAsync(folder, feed, PackageFeed.Mended, "-p:CI=true");
        Assert.True(exit == 0, output);
        folder.Write("packages.lock.json", locked.Replace(PackageFeed.Mended, "0.9.0", StringComparison.Ordinal));

        (exit, output) = await RestoreAsync(folder, feed, PackageFeed.Mended, "-p:CI=true");

        Assert.NotEqual(0, exit);
        Assert.Contains("error NU1004", output, StringComparison.Ordinal);
    }

    static async Task<(int Exit, string Output)> RestoreAsync(
        TemporaryFolder folder,
        PackageFeed feed,
        string version,
        params string[] flags
    )
    {
        File.Copy(Repository.PathOf("Directory.Build.props"), folder.PathOf("Directory.Build.props"), overwrite: true);
        folder.Write(
            "NuGet.config",
            $"""
            <configuration><packageSources><clear/>
            <add key="feed" value="{feed.Address}" allowInsecureConnections="true"/>
            </packageSources><config><add key="globalPackagesFolder" value="packages"/></config></configuration>
            """
        );
        folder.Write(
            "made.csproj",
            $"""
            <Project Sdk="Microsoft.NET.Sdk"><ItemGroup>
            <PackageReference Include="{PackageFeed.Package}" Version="{version}"/>
            </ItemGroup></Project>
            """
        );
        var (exit, output, errors) = await RunProgram.RunAsync(
            "dotnet",
            ["restore", folder.PathOf("made.csproj"), "--no-http-cache", .. flags is [] ? ["-p:CI="] : flags]
        );
        return (exit, output + errors);
    }
}
