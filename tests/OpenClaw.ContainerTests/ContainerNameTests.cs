using System.Text.RegularExpressions;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Microsoft.Extensions.Logging.Abstractions;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Text;

namespace OpenClaw.ContainerTests;

/// <summary>
/// The names of containers, from the files of the engine. The engine of the tests keeps them in a folder of its own, as
/// its command line tells.
/// </summary>
public class ContainerNameTests
{
    [Fact]
    public async Task A_container_has_its_name_its_labels_and_after_a_change_its_new_name()
    {
        await ContainerEngine.RequireAsync();
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may read the files of the engine");
        var name = $"openclaw-name-{Guid.NewGuid():N}";
        await using var container = new ContainerBuilder(ContainerEngine.Exporter)
            .WithLogger(NullLogger.Instance)
            .WithName(name)
            .WithLabel("openclaw.sandbox", "1")
            .WithLabel("com.docker.compose.project", "shop")
            .WithLabel("com.docker.compose.service", "web")
            .WithLabel("com.docker.compose.project.config_files", "/srv/compose.yml")
            .Build();
        await container.StartAsync(TestContext.Current.CancellationToken);
        using var sampler = new Sampler(
            KernelReaders.All(new ProcMount(), new Regex("^nothing$"), worst: 10),
            TimeProvider.System
        );

        var named = await FindAsync(sampler, container);
        await ContainerEngine.RenameAsync(container, name + "-2");
        var renamed = await FindAsync(sampler, container);

        Assert.Equal((container.Id, name, "docker"), (named.Id, named.Name, named.Engine));
        Assert.Equal("1", named.Labels?["openclaw.sandbox"]);
        Assert.Equal("web", named.Compose?.Name);
        Assert.Equal(["/srv/compose.yml"], named.Compose!.Files);
        Assert.Equal(name + "-2", renamed.Name);
    }

    /// <summary>Finds the container by its process, which has a network namespace of its own.</summary>
    static async Task<Container> FindAsync(Sampler sampler, IContainer container)
    {
        var names = (await sampler.SampleAsync(TimeSpan.FromSeconds(30))).Get<ContainerNames>();
        Assert.Null(names.Missing);
        var found = names.Value.ById[container.Id];
        Assert.Null(found.Missing);
        return found.Value;
    }
}
