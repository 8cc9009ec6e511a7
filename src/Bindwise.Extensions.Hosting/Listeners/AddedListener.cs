namespace Bindwise.Extensions.Hosting;

/// <summary>A listener that the host shall have.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Request">Makes the request, once the services are there.</param>
internal sealed record AddedListener(string Name, Func<IServiceProvider, ListenRequest> Request);
