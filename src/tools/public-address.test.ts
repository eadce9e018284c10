import { describe, expect, test } from "vitest";
import { isPublicHost } from "./public-address.ts";

const publicHost = (url: string) => isPublicHost(new URL(url).hostname);

describe("public", () => {
	test.each([
		"https://example.com",
		"https://example.com.",
		"https://sub.example.co.uk:8443/x",
		"https://8.8.8.8",
		"https://[2606:4700:4700::1111]",
		"https://[::ffff:8.8.8.8]",
		"https://[64:ff9b::808:808]",
		"https://[2002:808:808::1]",
		"https://xn--bcher-kva.example",
		"https://internal.example.com",
		"https://localhost.example.com",
	])("%s", (url) => {
		expect(publicHost(url)).toBe(true);
	});
});

describe("not public", () => {
	test.each([
		["loopback", "http://127.0.0.1"],
		["all of 127/8", "http://127.255.255.254"],
		["a short form", "http://127.1"],
		["a decimal form", "http://2130706433"],
		["a hexadecimal form", "http://0x7f000001"],
		["an octal form", "http://0177.0.0.1"],
		["full-width digits", "http://１２７.０.０.１"],
		["any address", "http://0.0.0.0"],
		["zero", "http://0"],
		["10/8", "http://10.0.0.1"],
		["172.16/12", "http://172.31.255.255"],
		["192.168/16", "http://192.168.1.1"],
		["the metadata service", "http://169.254.169.254/latest/meta-data"],
		["Alibaba's metadata service", "http://100.100.100.200"],
		["Azure's host service", "http://168.63.129.16"],
		["carrier-grade NAT", "http://100.64.0.1"],
		["multicast", "http://224.0.0.1"],
		["broadcast", "http://255.255.255.255"],
		["reserved", "http://240.0.0.1"],
		["benchmarking", "http://198.18.0.1"],
		["documentation", "http://203.0.113.1"],
		["IPv6 loopback", "http://[::1]"],
		["IPv6 any", "http://[::]"],
		["IPv6 link-local", "http://[fe80::1]"],
		["IPv6 unique-local", "http://[fd00:ec2::254]"],
		["IPv6 multicast", "http://[ff02::1]"],
		["IPv6 site-local", "http://[fec0::1]"],
		["IPv6 documentation", "http://[2001:db8::1]"],
		["IPv6 discard", "http://[100::1]"],
		["nobody's", "http://[4000::1]"],
		["Teredo", "http://[2001::1]"],
		["mapped loopback", "http://[::ffff:127.0.0.1]"],
		["mapped loopback in hex", "http://[::ffff:7f00:1]"],
		["mapped metadata", "http://[::ffff:169.254.169.254]"],
		["IPv4-compatible", "http://[::127.0.0.1]"],
		["IPv4-translated", "http://[::ffff:0:127.0.0.1]"],
		["NAT64 of loopback", "http://[64:ff9b::7f00:1]"],
		["local NAT64 of loopback", "http://[64:ff9b:1::7f00:1]"],
		["6to4 of a private address", "http://[2002:a00:1::]"],
		["ISATAP of a private address", "http://[2a00::5efe:10.0.0.1]"],
		["localhost", "http://localhost:8787"],
		["localhost with a dot", "http://localhost."],
		["below localhost", "http://a.localhost"],
		["LOCALHOST", "http://LOCALHOST"],
		[".local", "http://printer.local"],
		[".internal", "http://metadata.google.internal"],
		[".internal with dots", "http://metadata.google.internal.."],
		[".home.arpa", "http://router.home.arpa"],
		["a single label", "http://intranet"],
		["a label of 64 characters", `http://${"a".repeat(64)}.example.com`],
		["a name of 10 KB", `http://${"abcdefghi.".repeat(1000)}com`],
	])("%s: %s", (_, url) => {
		const parsed = URL.parse(url);
		// Some of these are refused by the URL parser itself already.
		expect(parsed === null ? false : isPublicHost(parsed.hostname)).toBe(false);
	});
});
