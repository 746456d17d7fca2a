using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Tests;

public class OwedNamespacesTests
{
    [Fact]
    public void Namespaces_that_were_not_reached_come_first_the_next_time_and_only_then()
    {
        var all = Enumerable
            .Range(1, 4)
            .Select(static i => new NetworkNamespace { Name = $"n{i}", Identity = Identity(i) })
            .ToList();
        var owed = new OwedNamespaces();

        Assert.Equal(["n1", "n2", "n3", "n4"], Order());
        owed.Remember([Identity(3), Identity(4)]);
        Assert.Equal(["n3", "n4", "n1", "n2"], Order());
        owed.Remember([]);
        Assert.Equal(["n1", "n2", "n3", "n4"], Order());

        IEnumerable<string> Order() => owed.First(all).Select(static netns => netns.Name);
    }

    static FileIdentity Identity(int inode) => new(4, (ulong)inode);
}
