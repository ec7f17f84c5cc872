// Logs in with a real, headless Chromium, as a person does: the program opens the browser, the person answers on
// Salesforce's page (here the demo org's), and reads what the program says when the browser comes back.
// Started by .ci/browser, once for each kind of app.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const { program, work, url, client_id, client_secret, callback, is_confidential, CHROMIUM, SCREENSHOTS } = process.env;
const store = `${work}/logins`;

// In the place of a person's browser: notes which address the program opens. The puppet opens it.
const opened = `${work}/opened`;
const opener = `${work}/opener`;
writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" >'${opened}.new' && mv '${opened}.new' '${opened}'\n`, { mode: 0o755 });

const chromium = await puppeteer.launch({
    executablePath: CHROMIUM,
    // Containers have no place for its sandbox; it sees no page but ours.
    args: ["--no-sandbox", "--disable-gpu", "--no-proxy-server"],
});
const context = await chromium.createBrowserContext();

function start(...args) {
    const env = { PATH: process.env.PATH, BROWSER: opener, BATON_LOGIN_STORE: store };
    if (is_confidential) env.BATON_SALESFORCE_CLIENT_SECRET = client_secret;
    const line = [...args, "--domain", url, "--salesforce-client-id", client_id, "--callback-url", callback];
    const child = spawn(program, line, { env, cwd: work, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => { said += text; });
    const ended = once(child, "close").then(([code]) => ({ code, said }));
    return { ended, says: () => said };
}

/** What `find` finds, asked again and again until it finds something. */
async function until(what, find) {
    for (let tries = 0; tries < 600; tries++) {
        const found = await find();
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${what} did not happen`);
}

/** Opens what the program opened. */
async function follow(running) {
    const address = await until(`the program opened a browser:\n${running.says()}`, () => existsSync(opened) && readFileSync(opened, "utf8"));
    writeFileSync(opened, "");
    const page = await context.newPage();
    const requested = [];
    page.on("request", (request) => requested.push(request.url()));
    page.on("pageerror", (error) => assert.fail(`a script failed: ${error}`));
    await page.goto(address);
    return { page, requested };
}

/** Presses a button of the login page, and waits for the page at the callback. */
async function answer({ page }, button) {
    await Promise.all([page.waitForNavigation(), page.click(`button[value=${button}]`)]);
    assert.ok(page.url().startsWith(`${callback}?`), page.url());
    return page.$eval("main", (main) => main.innerText);
}

/** Light and dark, a page is to be read; it is also kept as a picture, for who wants to see it. */
async function look(page, name) {
    const grounds = [];
    for (const scheme of ["light", "dark"]) {
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        const worst = await page.evaluate(() => {
            const channels = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map(Number);
            const light = (colour) => {
                const [r, g, b] = channels(colour).map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ground = light(getComputedStyle(document.querySelector("main")).backgroundColor);
            const texts = [...document.querySelectorAll("h1, p, dt, dd, footer, label, li")].filter((e) => e.innerText.trim());
            return Math.min(...texts.map((text) => {
                const [low, high] = [ground, light(getComputedStyle(text).color)].sort((a, b) => a - b);
                return (high + 0.05) / (low + 0.05);
            }));
        });
        assert.ok(worst >= 4.5, `${name} cannot be read well in ${scheme}: contrast ${worst}`);
        grounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
        for (const width of [360, 1024]) {
            await page.setViewport({ width, height: 720 });
            const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
            assert.ok(wider <= 0, `${name} is wider than ${width} pixels`);
            if (SCREENSHOTS) {
                mkdirSync(SCREENSHOTS, { recursive: true });
                await page.screenshot({ path: `${SCREENSHOTS}/${name}-${scheme}-${width}.png` });
            }
        }
    }
    assert.notEqual(grounds[0], grounds[1], `${name} looks the same in light and dark`);
}

try {
    // Somebody who says no.
    const declining = start("login");
    const no = await follow(declining);
    assert.match(await answer(no, "deny"), /You declined the login/);
    await look(no.page, "declined");
    const declined = await declining.ended;
    assert.equal(declined.code, 1, declined.said);

    // Somebody who mistypes the name, and then gets in.
    const accepting = start("login");
    const yes = await follow(accepting);
    await look(yes.page, "login");
    const username = await yes.page.$eval("#username", (input) => input.value);
    await yes.page.$eval("#username", (input) => { input.value = "nobody@acme.example"; });
    await Promise.all([yes.page.waitForNavigation(), yes.page.click("button[value=allow]")]);
    assert.match(await yes.page.$eval("main", (main) => main.innerText), /check your username/);
    await yes.page.$eval("#username", (input, name) => { input.value = name; }, username);
    const text = await answer(yes, "allow");
    for (const part of ["You are logged in", "Acme Demo", "00D5f000000AAAAEA4", username]) assert.ok(text.includes(part), text);
    await look(yes.page, "worked");
    const accepted = await accepting.ended;
    assert.equal(accepted.code, 0, accepted.said);
    assert.ok(accepted.said.includes(`logged in to Acme Demo (00D5f000000AAAAEA4) as ${username}`), accepted.said);

    // Nothing was loaded from anywhere else.
    const allowed = [new URL(url).origin, new URL(callback).origin, "null"];
    for (const requested of [...no.requested, ...yes.requested]) {
        assert.ok(allowed.includes(new URL(requested).origin), requested);
    }

    // From now on it goes without anybody.
    const syncing = await start("--auth-method", "oauth", "--file", `${work}/document.json`).ended;
    assert.equal(syncing.code, 0, syncing.said);
    assert.equal(JSON.parse(readFileSync(`${work}/document.json`)).sync.runBy.username, username);
    assert.ok(!existsSync(opened) || readFileSync(opened, "utf8") === "", "a browser opened although a login is stored");
} finally {
    await chromium.close();
}
