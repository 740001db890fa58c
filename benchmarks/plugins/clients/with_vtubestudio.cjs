// What plugins do through the npm package vtubestudio. Arguments: port, plugin's name, folder for the token.
const assert = require("node:assert");
const fs = require("node:fs");
const { ApiClient } = require("vtubestudio");
const WebSocket = require("ws");

const [port, name, folder] = process.argv.slice(2);
const token = `${folder}/token`;
const api = new ApiClient({
  authTokenGetter: () => (fs.existsSync(token) ? fs.readFileSync(token, "utf-8") : null),
  authTokenSetter: (text) => fs.writeFileSync(token, text),
  pluginName: name,
  pluginDeveloper: "vtubestudio",
  port: Number(port),
  webSocketFactory: (url) => new WebSocket(url),
});

async function play() {
  assert((await api.statistics()).framerate > 0);
  const model = await api.currentModel();
  assert(model.modelLoaded);
  assert((await api.availableModels()).numberOfModels >= 1);
  const keys = await api.hotkeysInCurrentModel({ modelID: model.modelID });
  const told = new Promise((done) => api.events.hotkeyTriggered.subscribe((data) => done(data), {}));
  const key = keys.availableHotkeys.find((one) => one.name === "nod");
  await api.hotkeyTrigger({ hotkeyID: key.hotkeyID });
  assert.strictEqual((await told).hotkeyName, "nod");
  await api.injectParameterData({ parameterValues: [{ id: "FaceAngleX", value: 12, weight: 0.5 }] });
  await api.moveModel({ timeInSeconds: 0.2, valuesAreRelativeToModel: true, positionX: 0.1 });
  await api.expressionActivation({ expressionFile: "joy.exp3.json", active: true });
  const states = await api.expressionState({ details: false, expressionFile: "joy.exp3.json" });
  assert(states.expressions[0].active);
  await assert.rejects(api.modelLoad({ modelID: "0".repeat(32) }), (error) => error.data.errorID === 152);
  const other = (await api.availableModels()).availableModels.find((one) => !one.modelLoaded);
  await api.modelLoad({ modelID: other.modelID }); // within the second that the library gives every call
}

api.on("connect", () => play().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); }));
setTimeout(() => { console.error("never connected"); process.exit(1); }, 60000);
