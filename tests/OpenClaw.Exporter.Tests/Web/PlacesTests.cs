using System.Net;
using OpenClaw.Exporter.Web;

namespace OpenClaw.Exporter.Tests;

public class PlacesTests
{
    static readonly IPAddress Greedy = IPAddress.Parse("192.0.2.1");
    static readonly IPAddress Scraper = IPAddress.Parse("192.0.2.2");

    [Fact]
    public void The_longest_idle_place_of_the_greediest_address_is_given_to_a_newcomer()
    {
        var places = new Places(4);
        var left = new List<int>();
        places.TryTake(Scraper, isIdle: true, () => left.Add(0), out _);
        for (var i = 1; i <= 3; i++)
            Take(places, Greedy, i, left);

        Assert.True(Take(places, IPAddress.Loopback, 4, left));
        Assert.Equal([1], left);
        Assert.True(Take(places, Greedy, 5, left));
        Assert.Equal([1, 2], left);
    }

    [Fact]
    public void An_address_cannot_take_busy_places_of_another_with_fewer()
    {
        var places = new Places(3);
        var left = new List<int>();
        Take(places, Scraper, 0, left, isIdle: false);
        Take(places, Greedy, 1, left, isIdle: false);
        Take(places, Greedy, 2, left, isIdle: false);

        Assert.False(Take(places, Greedy, 3, left, isIdle: false));
        Assert.Empty(left);
        Assert.True(Take(places, IPAddress.Loopback, 4, left, isIdle: false));
        Assert.Equal([1], left);
        Assert.False(Take(places, IPAddress.IPv6Loopback, 5, left, isIdle: false));
    }

    [Fact]
    public void A_freed_place_is_free_once()
    {
        var places = new Places(1);
        var place = places.TryTake(Greedy, isIdle: false, static () => { }, out _)!;
        Assert.Null(places.TryTake(Scraper, isIdle: false, static () => { }, out _));

        places.Free(place);
        places.Free(place);

        Assert.NotNull(places.TryTake(Scraper, isIdle: false, static () => { }, out _));
        Assert.Null(places.TryTake(Greedy, isIdle: false, static () => { }, out _));
    }

    [Fact]
    public void A_client_of_IPv6_has_all_addresses_of_its_network() =>
        Assert.Equal(
            Places.Client(IPAddress.Parse("2001:db8:1:2::1")),
            Places.Client(IPAddress.Parse("2001:db8:1:2:3:4:5:6"))
        );

    static bool Take(Places places, IPAddress address, int number, List<int> left, bool isIdle = true) =>
        places.TryTake(address, isIdle, () => left.Add(number), out _) is not null;
}
